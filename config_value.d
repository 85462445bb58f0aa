config_value.o: common/config/config_value.c common/config/config_value.h \
  common/base/attr.h common/config/config.h

common/config/config_value.h:

common/base/attr.h:

common/config/config.h:
