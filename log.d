log.o: common/base/log.c common/base/log.h common/base/addr.h \
  common/base/attr.h common/base/utf8.h

common/base/log.h:

common/base/addr.h:

common/base/attr.h:

common/base/utf8.h:
