perm.o: services/api/rules/perm.c services/api/rules/perm.h

services/api/rules/perm.h:
