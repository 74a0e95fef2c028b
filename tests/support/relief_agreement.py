"""An agreement by which incidents of relief go both ways, but for accounts of persons."""

from support.sar_agreement import TEXT as CASES

TEXT = (
    CASES.replace('id = "SAR-CASES"', 'id = "RELIEF"')
    .replace("Cases of search and rescue", "Incidents of relief")
    .replace('kind = "t-x-sar"', 'kind = "t-x-relief-n"')
    .replace("a line of a case", "a need")
    .replace("a line that is marked", "a need that is marked")
    .replace("## 1 Cases", "## 1 Incidents")
    .replace("A case that is shared: its facts, its areas, what was covered, its reports.",
             "An incident that is shared, but for its accounts of persons.")
    .replace(
        'when { resource.words.contains("search case") };',
        'when { resource.words.contains("relief incident") &&\n'
        '       !resource.words.contains("relief account") };',
    )
)  # fmt: skip
