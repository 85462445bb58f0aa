strategy.o: services/api/rules/strategy.c services/api/rules/strategy.h

services/api/rules/strategy.h:
