scripts.o: services/hbbs/store/scripts.c services/hbbs/store/scripts.h

services/hbbs/store/scripts.h:
