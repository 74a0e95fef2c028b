"""Which symbol an object is drawn with: its CoT type as a letter code of MIL-STD-2525C.

CoT's `a-` types are made of the letters of 2525: side, dimension, function. What 2525 does not
have is cut from the end until it does, so that there is always a frame to draw.
"""

from functools import lru_cache

from accord.core.kind import Kind

LENGTH = 15
"""Letters of a code."""

LONGEST_FUNCTION = 6
"""Letters of a function, at the places 5 to 10 of a code (MIL-STD-2525C, appendix A)."""

_SIDES = frozenset("PUAFNSHJK")
_UNKNOWN_SIDE = "U"
_ANY_DIMENSION = "Z"
"""2525C: battle dimension unknown, a frame only."""


@lru_cache(maxsize=8192)
def sidc(kind: Kind) -> str | None:
    """Return the code, None for what is no thing (`b-`, `t-`, `u-` and others)."""
    atoms = kind.text.split("-")
    if atoms[0] != "a":
        return None
    side, dimension = (atoms[at].upper() if len(atoms) > at else "" for at in (1, 2))
    if side not in _SIDES:
        side = _UNKNOWN_SIDE
    if dimension not in FUNCTIONS:
        dimension = _ANY_DIMENSION
    code = f"S{side}{dimension}P{_function(dimension, atoms[3:])}"
    return code.ljust(LENGTH, "-")


def _function(dimension: str, atoms: list[str]) -> str:
    """Return the longest function that 2525 has, up to the first atom that is CoT's own."""
    said = ""
    for atom in atoms[:LONGEST_FUNCTION]:
        if len(atom) != 1 or not (atom.isdigit() or atom.isupper()):
            break
        said += atom
    known = FUNCTIONS.get(dimension, frozenset[str]())
    while said and said not in known:
        said = said[:-1]
    return said


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The functions of the warfighting symbols of 2525C, from the data of the npm package
# @orbat-mapper/convert-symbology 1.0.2, whose source is Esri's joint-military-symbology-xml.
# Copyright (c) 2022-present, Kjell Magne Fauske. MIT License:
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
# associated documentation files (the "Software"), to deal in the Software without restriction,
# including without limitation the rights to use, copy, modify, merge, publish, distribute,
# sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
# furnished to do so, subject to the following conditions: The above copyright notice and this
# permission notice shall be included in all copies or substantial portions of the Software.
# THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
# NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
# NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
# DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
# OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
FUNCTIONS: dict[str, frozenset[str]] = {
    "P": _words("L S T"),
    "A": _words(
        """
        C CF CH CL M ME MF MFA MFB MFC MFCH MFCL MFCM MFD MFF MFFI MFH MFJ MFK MFKB MFKD MFL MFM MFO
        MFP MFPM MFPN MFQ MFQA MFQB MFQC MFQD MFQF MFQH MFQI MFQJ MFQK MFQL MFQM MFQN MFQO MFQP MFQR
        MFQRW MFQRX MFQRZ MFQS MFQT MFQU MFQY MFR MFRW MFRX MFRZ MFS MFT MFU MFUH MFUL MFUM MFY MH
        MHA MHC MHCH MHCL MHCM MHD MHH MHI MHJ MHK MHM MHO MHQ MHR MHS MHT MHU MHUH MHUL MHUM ML MV
        W WB WD WM WMA WMAA WMAP WMAS WMB WMCM WMS WMSA WMSB WMSS WMSU WMU
        """
    ),
    "G": _words(
        """
        ES ESE ESR EV EVA EVAA EVAAR EVAC EVAI EVAL EVAS EVAT EVATH EVATHR EVATL EVATLR EVATM EVATMR
        EVCA EVCAH EVCAL EVCAM EVCF EVCFH EVCFL EVCFM EVCJ EVCJH EVCJL EVCJM EVCM EVCMH EVCML EVCMM
        EVCO EVCOH EVCOL EVCOM EVCT EVCTH EVCTL EVCTM EVCU EVCUH EVCUL EVCUM EVE EVEA EVEAA EVEAT
        EVEB EVEC EVED EVEDA EVEE EVEF EVEH EVEM EVEML EVEMV EVER EVES EVM EVS EVSC EVSP EVSR EVST
        EVSW EVT EVU EVUA EVUAA EVUB EVUL EVUR EVUS EVUSH EVUSL EVUSM EVUT EVUTH EVUTL EVUX EWA EWAH
        EWAL EWAM EWD EWDH EWDL EWDM EWG EWGH EWGL EWGM EWGR EWH EWHH EWHL EWHM EWM EWMA EWMAI
        EWMAIE EWMAIR EWMAL EWMALE EWMALR EWMAS EWMASE EWMASR EWMAT EWMS EWMSI EWMSL EWMSS EWMT
        EWMTH EWMTL EWMTM EWO EWOH EWOL EWOM EWR EWRH EWRL EWRR EWS EWSH EWSL EWSM EWT EWTH EWTL
        EWTM EWX EWXH EWXL EWXM EWZ EWZH EWZL EWZM EXF EXI EXL EXM EXMC EXML EXN IB IBA IBN IE IG
        IMA IMC IME IMF IMFA IMFP IMFPW IMFS IMG IMM IMN IMNB IMS IMV IPD IRM IRN IRNB IRNC IRNN IRP
        IT IUE IUEN IUP IX IXH UC UCA UCAA UCAAA UCAAAS UCAAAT UCAAAW UCAAC UCAAD UCAAL UCAAM UCAAO
        UCAAOS UCAAS UCAAU UCAT UCATA UCATH UCATL UCATM UCATR UCATW UCATWR UCAW UCAWS UCAWW UCD UCDG
        UCDH UCDM UCDMH UCDML UCDMM UCDO UCDS UCDSC UCDT UCE UCEC UCECA UCECC UCECH UCECL UCECM
        UCECO UCECR UCECS UCECT UCECW UCEN UCENN UCF UCFHA UCFHC UCFHE UCFHH UCFHL UCFHM UCFHO UCFHS
        UCFM UCFMS UCFMT UCFMTA UCFMTC UCFMTO UCFMTS UCFMW UCFO UCFOA UCFOL UCFOO UCFOS UCFR UCFRM
        UCFRMR UCFRMS UCFRMT UCFRS UCFRSR UCFRSS UCFRST UCFS UCFSA UCFSL UCFSO UCFSS UCFT UCFTA
        UCFTC UCFTCD UCFTCM UCFTF UCFTR UCFTS UCI UCIA UCIC UCII UCIL UCIM UCIN UCIO UCIS UCIZ UCM
        UCMS UCMT UCR UCRA UCRC UCRH UCRL UCRO UCRR UCRRD UCRRF UCRRL UCRS UCRVA UCRVG UCRVM UCRVO
        UCRX UCS UCSA UCSG UCSGA UCSGM UCSM UCSR UCSW UCV UCVC UCVF UCVFA UCVFR UCVFU UCVRA UCVRM
        UCVRU UCVRUC UCVRUE UCVRUH UCVRUL UCVRUM UCVRW UCVS UCVU UCVUF UCVUR UCVV US USA USAC USAF
        USAFC USAFT USAJ USAJC USAJT USAL USALC USALT USAM USAMC USAMT USAO USAOC USAOT USAP USAPB
        USAPBC USAPBT USAPC USAPM USAPMC USAPMT USAPT USAQ USAQC USAQT USAR USARC USART USAS USASC
        USAST USAT USAW USAWC USAWT USAX USAXC USAXT USM USMC USMD USMDC USMDT USMM USMMC USMMT USMP
        USMPC USMPT USMT USMV USMVC USMVT USS USS1 USS1C USS1T USS2 USS2C USS2T USS3 USS3A USS3C
        USS3T USS4 USS4C USS4T USS5 USS5C USS5T USS6 USS6C USS6T USS7 USS7C USS7T USS8 USS8C USS8T
        USS9 USS9C USS9T USSC USSL USSLC USSLT USST USSW USSWC USSWP USSWPC USSWPT USSWT USSX USSXC
        USSXT UST USTA USTAC USTAT USTC USTI USTIC USTIT USTM USTMC USTMT USTR USTRC USTRT USTS
        USTSC USTST USTT USX USXC USXE USXEC USXET USXH USXHC USXHT USXO USXOC USXOM USXOMC USXOMT
        USXOT USXT UU UUA UUAB UUABR UUAC UUACC UUACCK UUACCM UUACR UUACRW UUACS UUACSA UUACSM UUAD
        UUAN UUE UULC UULD UULF UULM UULS UUM UUMA UUMC UUMJ UUMMO UUMO UUMQ UUMR UUMRG UUMRS UUMRSS
        UUMRX UUMS UUMSE UUMSEC UUMSED UUMSEI UUMSEJ UUMSET UUMT UUP UUS UUSA UUSC UUSF UUSM UUSML
        UUSMN UUSO UUSR UUSRS UUSRT UUSRW UUSS UUSX
        """
    ),
    "S": _words(
        """
        C CA CALA CALC CALS CALSM CALST CD CL CLBB CLCC CLCV CLDD CLFF CLLL CLLLAS CLLLMI CLLLSU CM
        CMMA CMMH CMML CMMS CP CPSB CPSU CPSUG CPSUT CU CUM CUN CUR CUS G GC GG GT GU N NF NI NM NR
        NS O XA XAR XAS XF XFDF XFDR XFTR XH XL XM XMC XMF XMH XMO XMP XMR XMTO XMTU XP XR
        """
    ),
    "U": _words(
        """
        E ND S S1 S2 S3 S4 SB SC SCA SCB SCF SCG SCM SF SK SL SN SNA SNB SNF SNG SNM SO SR SU SUN
        SUS SX V W WD WDM WDMG WDMM WM WMA WMB WMBD WMD WME WMF WMFD WMFE WMFO WMFR WMFX WMG WMGD
        WMGE WMGO WMGR WMGX WMM WMMD WMME WMMO WMMR WMMX WMN WMO WMOD WMR WMS WMSD WMSX WMX WT X
        """
    ),
    "F": _words(
        """
        A AF AFA AFK AFU AFUH AFUL AFUM AHA AHH AHU AHUH AHUL AHUM AV B G GC GP GPA GR GS N NB NN NS
        NU
        """
    ),
}
"""By battle dimension, every function that has a symbol."""
