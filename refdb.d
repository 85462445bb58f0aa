refdb.o: services/utils/exchange/refdb.c services/utils/exchange/refdb.h \
  common/base/attr.h common/site/record.h common/base/addr.h \
  common/proto/wire.h common/base/buf.h common/base/utf8.h \
  common/proto/keys.h services/utils/exchange/copyset.h

services/utils/exchange/refdb.h:

common/base/attr.h:

common/site/record.h:

common/base/addr.h:

common/proto/wire.h:

common/base/buf.h:

common/base/utf8.h:

common/proto/keys.h:

services/utils/exchange/copyset.h:
