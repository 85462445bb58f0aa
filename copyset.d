copyset.o: services/utils/exchange/copyset.c \
  services/utils/exchange/copyset.h common/base/attr.h

services/utils/exchange/copyset.h:

common/base/attr.h:
