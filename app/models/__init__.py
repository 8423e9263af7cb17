"""Tables only. Importing this package registers every table."""

import pkgutil
from importlib import import_module

for _table in pkgutil.iter_modules(__path__, f"{__name__}."):
    import_module(_table.name)
