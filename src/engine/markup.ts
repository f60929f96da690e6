const MAX_LOOK = 1024;
const WEB_PAGE = /^(?:<!--[^>]*>\s*)?<(?:!doctype\s+html|html|head|body|!--)/i;
const XML = /^<(?:\?xml|Error\b)/;

/** What a text is that is no JSON, if it can be told: a page for people, or what storage services say. */
export function markupOf(bytes: Buffer): 'a web page' | 'an XML document' | undefined {
  const start = bytes.subarray(0, MAX_LOOK).toString('utf8').replace(/^\ufeff/, '').trimStart();
  if (WEB_PAGE.test(start)) return 'a web page';
  return XML.test(start) ? 'an XML document' : undefined;
}
