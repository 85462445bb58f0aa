nodes.o: services/hbbs/state/nodes.c services/hbbs/state/nodes.h

services/hbbs/state/nodes.h:
