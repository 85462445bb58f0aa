wsframe.o: common/proto/wsframe.c common/proto/wsframe.h \
  common/base/attr.h common/base/buf.h

common/proto/wsframe.h:

common/base/attr.h:

common/base/buf.h:
