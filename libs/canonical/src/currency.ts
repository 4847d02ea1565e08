// ISO 4217 minor units (list one). Codes without a minor unit (XXX, XAU …) are omitted on purpose: see below.
const places0 = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF';
const places2 = `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
  CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD
  HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR
  MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD
  SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD
  XCG YER ZAR ZMW ZWG ZWL`;
const places3 = 'BHD IQD JOD KWD LYD OMR TND';
const places4 = 'CLF UYW';

const isoPlaces: ReadonlyMap<string, number> = new Map(
  [places0, '', places2, places3, places4].flatMap((codes, places) =>
    codes
      .split(/\s+/)
      .filter(Boolean)
      .map(code => [code, places] as const),
  ),
);

/** Decimal places of a currency: at least `shown` in every text, at most `kept`. */
export type Scale = { shown: number; kept: number };

// PP's sites invent codes (PMUSD, BTC) whose amounts have up to 12 places: rounding them to 2 would lose money.
const siteCode: Scale = { shown: 2, kept: 12 };

/** ISO 4217's code for "no currency", used while the currency of an amount is unknown. */
export const NO_CURRENCY = 'XXX';

/** The scale according to ISO 4217; a code without a minor unit in ISO 4217 (a site's own, XXX) shows 2 places and keeps up to 12. */
export function scaleOf(currency: string): Scale {
  const places = isoPlaces.get(currency);
  return places === undefined ? siteCode : { shown: places, kept: places };
}

/** Upper-case ISO 4217 code, or a PP site's own code of 3 to 16 letters and digits (`PMUSD`, `USDTTRC20`). */
export const currencyPattern = /^[A-Z][A-Z0-9]{2,15}$/;

/** Whether the text has the form of a currency code, known or not. */
export function isCurrency(text: string): boolean {
  return currencyPattern.test(text);
}
