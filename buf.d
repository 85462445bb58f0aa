buf.o: common/base/buf.c common/base/buf.h common/base/attr.h

common/base/buf.h:

common/base/attr.h:
