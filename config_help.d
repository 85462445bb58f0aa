config_help.o: common/config/config_help.c common/config/config_help.h \
  common/config/config.h common/base/attr.h common/config/config_value.h

common/config/config_help.h:

common/config/config.h:

common/base/attr.h:

common/config/config_value.h:
