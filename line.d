line.o: services/utils/exchange/line.c services/utils/exchange/line.h \
  common/base/attr.h common/site/record.h common/base/addr.h \
  common/proto/wire.h common/base/buf.h common/base/utf8.h

services/utils/exchange/line.h:

common/base/attr.h:

common/site/record.h:

common/base/addr.h:

common/proto/wire.h:

common/base/buf.h:

common/base/utf8.h:
