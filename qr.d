qr.o: services/utils/client/qr.c services/utils/client/qr.h \
  common/base/attr.h

services/utils/client/qr.h:

common/base/attr.h:
