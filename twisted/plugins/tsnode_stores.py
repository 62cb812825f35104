"""The stores that tsnode comes with. A package with another one ships a file like this."""

from tsnode.stores.makers import AbsentMaker, MemoryMaker, physical_memory

memory = MemoryMaker(physical_memory)
absent = AbsentMaker()
