booklevel.o: services/api/rules/booklevel.c \
  services/api/rules/booklevel.h

services/api/rules/booklevel.h:
