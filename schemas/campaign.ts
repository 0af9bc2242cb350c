/** How a campaign stands: what people asked for on the way, and what of it was admitted. */
export interface CampaignStanding {
  readonly name: string;
  /** Admitted items that answered it, since it was first asked for. */
  readonly admitted: number;
  /** As many at most; null: any number. */
  readonly cap: number | null;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export function packCampaign({ name, admitted, cap }: CampaignStanding): Uint8Array {
  return utf8.encode(JSON.stringify([name, admitted, cap]));
}

export function unpackCampaign(value: Uint8Array): CampaignStanding {
  const [name, admitted, cap] = JSON.parse(fromUtf8.decode(value)) as [string, number, number | null];
  return { name, admitted, cap };
}
