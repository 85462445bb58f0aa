statekey.o: common/site/statekey.c common/site/statekey.h

common/site/statekey.h:
