keys.o: common/proto/keys.c common/proto/keys.h common/base/attr.h

common/proto/keys.h:

common/base/attr.h:
