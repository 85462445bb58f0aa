reason.o: services/hbbr/state/reason.c services/hbbr/state/reason.h

services/hbbr/state/reason.h:
