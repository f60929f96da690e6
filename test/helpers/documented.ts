import * as path from 'path';
import * as ts from 'typescript';
import { compilerHost } from './cdk-init';

const SRC = path.join(__dirname, '..', '..', 'src');
const CONSTRUCTOR = '__constructor';

/** An item with its documentation, as an editor shows it. */
export interface Documented {
  /** `Class.method(parameter)` */
  readonly name: string;
  readonly kind: 'class' | 'other type' | 'member' | 'parameter';
  readonly summary: string;
  /** An optional property of a struct. */
  readonly mayBeLeftOut: boolean;
  readonly tags: ReadonlyMap<string, string>;
}

/** All exports of the package, with members that are inherited from internal classes; read from the sources, like jsii. */
export function documented(): Documented[] {
  const index = path.join(SRC, 'index.ts');
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, strict: true, types: ['node'],
  };
  const program = ts.createProgram([index], options, compilerHost(options));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(index);
  const library = source && checker.getSymbolAtLocation(source);
  if (library === undefined) throw new Error(`${index} exports nothing`);
  return checker.getExportsOfModule(library).flatMap(name => typeOf(checker, checker.getAliasedSymbol(name)));
}

function typeOf(checker: ts.TypeChecker, type: ts.Symbol): Documented[] {
  const ofClass = [...type.exports?.values() ?? [], ...[...type.members?.values() ?? []].filter(({ name }) => name === CONSTRUCTOR)];
  const members = [...ofClass, ...checker.getDeclaredTypeOfSymbol(type).getProperties()].filter(isPublic);
  const kind = declarationsOf(type).some(ts.isClassDeclaration) ? 'class' : 'other type';
  return [describe(checker, type.name, kind, type), ...members.flatMap(member => memberOf(checker, type.name, member))];
}

function memberOf(checker: ts.TypeChecker, type: string, member: ts.Symbol): Documented[] {
  const name = `${type}.${member.name}`;
  const parameters = declarationsOf(member).flatMap(declaration => ts.isFunctionLike(declaration) ? [...declaration.parameters] : []);
  // The documentation of a constructor is that of its class.
  const own = member.name === CONSTRUCTOR ? [] : [describe(checker, name, 'member', member)];
  return [...own, ...parameters.map(parameter => ({
    name: `${name}(${parameter.name.getText()})`, kind: 'parameter' as const, summary: descriptionOf(parameter), mayBeLeftOut: false, tags: new Map(),
  }))];
}

function describe(checker: ts.TypeChecker, name: string, kind: Documented['kind'], symbol: ts.Symbol): Documented {
  return {
    name,
    kind,
    summary: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(),
    mayBeLeftOut: declarationsOf(symbol).some(each => ts.isPropertySignature(each) && each.questionToken !== undefined),
    tags: new Map(symbol.getJsDocTags().map(tag => [tag.name, ts.displayPartsToString(tag.text)])),
  };
}

function descriptionOf(parameter: ts.ParameterDeclaration): string {
  return ts.getJSDocParameterTags(parameter).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join(' ').trim();
}

/** Our own declarations that are neither private nor `@internal`. */
function isPublic(member: ts.Symbol): boolean {
  return declarationsOf(member).some(each => each.getSourceFile().fileName.startsWith(SRC) && !isPrivate(each))
    && !member.getJsDocTags().some(({ name }) => name === 'internal');
}

function isPrivate(declaration: ts.Declaration): boolean {
  return ts.canHaveModifiers(declaration) && (ts.getModifiers(declaration) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
}

function declarationsOf(symbol: ts.Symbol): ts.Declaration[] {
  return symbol.declarations ?? [];
}
