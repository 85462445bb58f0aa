admit.o: services/hbbr/pairing/admit.c services/hbbr/pairing/admit.h \
  common/base/attr.h

services/hbbr/pairing/admit.h:

common/base/attr.h:
