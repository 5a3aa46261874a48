// Places as the server tells them.

export interface Place {
  kind: string;
  label: string;
  detail: string;
  detail_en?: string;
  /** The part of it that was named too: 2单元. */
  inner: string;
  lon: number;
  lat: number;
  id: string;
  /** Of a pasted pair of coordinates: how it was read, and whether that is in the town. */
  datum?: string;
  in_town?: boolean;
}

export interface PlacesAnswer {
  places: Place[];
  /** What a pasted pair leaves open: "datum", "order". */
  asks: string[];
}
