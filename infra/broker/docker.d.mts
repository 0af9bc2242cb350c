export function imageIsThere(): Promise<boolean>;
