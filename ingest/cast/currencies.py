"""The currency that a text names alone, as its ISO 4217 code: by code, sign or word, in capitals or small letters."""

import polars as pl

from ingest.cast.cell_parts import CURRENCY_MEANT

# ISO 4217: what people pay with, and what went out of use since 2010, as prices of then are quoted in it.
CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF CHF CLF "
    "CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD "
    "RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX "
    "USD UYU UZS VED VEF VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMK ZMW ZWG ZWL"
)
_CODE_OF = {code: code for code in CODES.split()}
# A sign of several currencies means none of them.
_CODE_OF |= {sign: code for sign, code in CURRENCY_MEANT.items() if code in _CODE_OF}


def currency_code(text: pl.Expr) -> pl.Expr:
    """The code; null where the text names no currency, or several."""
    written = text.str.strip_chars().str.to_uppercase()
    return written.replace_strict(_CODE_OF, default=None, return_dtype=pl.String)


def code_named(text: str) -> str | None:
    """The same of one text."""
    return _CODE_OF.get(text.strip().upper())
