"""Reads hbb.proto: the subset of the proto3 grammar that file uses."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r'//[^\n]*|"[^"]*"|[A-Za-z_][\w.]*|\d+|[{}=;]|\s+|.')
SCALARS = {"string", "bytes", "bool", "int32", "int64", "uint32", "uint64"}


@dataclass
class Field:
    name: str
    number: int
    type: str           # a scalar, or the name of a message or an enum
    repeated: bool = False
    oneof: str = ""     # the name of its oneof, or ""


@dataclass
class MessageType:
    name: str
    by_name: dict = field(default_factory=dict)
    by_number: dict = field(default_factory=dict)

    def add(self, f):
        assert f.number not in self.by_number, f"{self.name}: {f.number} twice"
        self.by_name[f.name] = self.by_number[f.number] = f


class Schema:
    """messages: name -> MessageType; enums: name -> {label: number}."""

    def __init__(self, text):
        self.messages = {}
        self.enums = {}
        self._tokens = [t for t in TOKEN.findall(text)
                        if not t.isspace() and not t.startswith("//")]
        self._at = 0
        while self._at < len(self._tokens):
            self._definition("")

    def _next(self, expected=None):
        token = self._tokens[self._at]
        self._at += 1
        if expected is not None and token != expected:
            raise SyntaxError(f"hbb.proto: {token!r}, expected {expected!r}")
        return token

    def _definition(self, outer):
        word = self._next()
        if word in ("syntax", "package"):
            while self._next() != ";":
                pass
        elif word == "enum":
            self._enum()
        elif word == "message":
            self._message(self._next())
        else:
            raise SyntaxError(f"hbb.proto: {word!r} in {outer or 'the file'}")

    def _enum(self):
        labels = self.enums[self._next()] = {}
        self._next("{")
        while (label := self._next()) != "}":
            self._next("=")
            labels[label] = int(self._next())
            self._next(";")

    def _message(self, name):
        self.messages[name] = message = MessageType(name)
        self._next("{")
        while (word := self._next()) != "}":
            if word in ("enum", "message"):
                self._at -= 1
                self._definition(name)
            elif word == "oneof":
                oneof = self._next()
                self._next("{")
                while (kind := self._next()) != "}":
                    message.add(self._field(kind, oneof=oneof))
            elif word == "repeated":
                message.add(self._field(self._next(), repeated=True))
            else:
                message.add(self._field(word))

    def _field(self, kind, **more):
        name = self._next()
        self._next("=")
        number = int(self._next())
        self._next(";")
        return Field(name, number, kind, **more)
