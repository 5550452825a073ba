"""A separate program that checks an uploaded Word template, so that a heavy file can exhaust only this process.

    python -I template_reader.py FILE

Reads the fields of the kind of paper as JSON from FIELDS beside the file; prints the faults as a list in JSON.
"""

import json
import sys
from pathlib import Path

FIELDS = "fields.json"
UNREADABLE = "文件打不开，请用 Word 或 WPS 打开并重新保存后再上传。"


def main(path: Path) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    import docx

    from reports.word.template_filling import FieldDictionary, template_faults

    known = json.loads(path.with_name(FIELDS).read_text("utf-8"))
    lists = {name: dict.fromkeys(parts, "") for name, parts in known["lists"].items()}
    try:
        template = docx.Document(str(path))
        fields, pictures = (dict.fromkeys(known[part], "") for part in ("fields", "pictures"))
        found = template_faults(template, FieldDictionary(fields, lists, pictures))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever the library trips over
        found = [UNREADABLE]
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
