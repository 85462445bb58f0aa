frame.o: common/proto/frame.c common/proto/frame.h common/base/attr.h

common/proto/frame.h:

common/base/attr.h:
