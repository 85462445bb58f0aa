addr.o: common/base/addr.c common/base/addr.h common/base/attr.h

common/base/addr.h:

common/base/attr.h:
