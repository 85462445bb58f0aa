wire.o: common/proto/wire.c common/proto/wire.h common/base/attr.h \
  common/base/buf.h common/base/utf8.h

common/proto/wire.h:

common/base/attr.h:

common/base/buf.h:

common/base/utf8.h:
