export const handler = async () => "hello from your own repository";
