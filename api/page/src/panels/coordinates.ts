// Coordinates as people type and paste them.

/** Longitude and latitude from "120.02, 29.20", with comma, semicolon or blanks, or null. */
export function readCoordinates(typed: string): [lon: number, lat: number] | null {
  const numbers = typed
    .replace(/[,;;、]/g, " ")
    .trim()
    .split(/[,\s]+/)
    .map(Number);
  const [lon, lat] = numbers;
  if (numbers.length !== 2 || lon === undefined || lat === undefined) return null;
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}
