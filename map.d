map.o: common/base/map.c common/base/map.h common/base/attr.h

common/base/map.h:

common/base/attr.h:
