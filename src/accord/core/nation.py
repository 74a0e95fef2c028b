"""Nations and the names of their nodes.

The 249 officially assigned alpha-3 codes of ISO 3166-1:2020, as published by the ISO 3166
Maintenance Agency (Online Browsing Platform); user-assigned codes such as XKX are not among them.
"""

import re

_CODES = """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD
    BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR
    COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH
    ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL
    GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR
    JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR
    MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL
    NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY
    PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP
    SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA
    UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
"""
NATIONS = frozenset(_CODES.split())

_NODE = re.compile(r"[A-Z]{3}(-[A-Z0-9]+)*", re.ASCII)
MAX_NODE_LENGTH = 64
"""A node id is the common name of a certificate, and X.520 allows 64 characters there."""


def check_nation(code: str) -> str:
    """Return the code. ValueError says so when it is no ISO 3166-1 alpha-3 code."""
    if code not in NATIONS:
        raise ValueError(f"{code!r} is no ISO 3166-1 alpha-3 code of a nation, such as NZL or AUS")
    return code


def check_node(node: str, nation: str) -> str:
    """Return the node id. ValueError says so when it is not `NATION[-NAME]` of that nation."""
    if _NODE.fullmatch(node) is None or len(node) > MAX_NODE_LENGTH:
        raise ValueError(
            f"{node!r} is no node id: NATION or NATION-NAME in capital letters, digits and "
            f"hyphens, at most {MAX_NODE_LENGTH} characters, such as NZL-JFNZ"
        )
    if node[:3] != nation:
        raise ValueError(f"node id {node!r} does not start with its nation, {nation}")
    return node
