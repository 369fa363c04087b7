"""Mails of the server: kept here for people to read, and sent where a mail server is set."""

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from v6sim.server.events import Event, Events, MailWritten
from v6sim.server.settings import MailServer

if TYPE_CHECKING:
    import smtplib

_KEPT = 100  # mails
_PATIENCE = 10  # seconds that a mail server may take

log = logging.getLogger(__name__)


class Outbox:
    """Where mails go.

    Args:
        server: settings of the mail server; without an address, mails only stay here.
        events: where the server says that it has written one.
    """

    def __init__(self, server: MailServer, events: Events) -> None:
        self._server = server
        self.mails: deque[MailWritten] = deque(maxlen=_KEPT)
        events.subscribe(self._on_event)

    def _on_event(self, event: Event) -> None:
        """Keep a mail and, where a server is set, send it in the background."""
        if isinstance(event, MailWritten):
            self.mails.append(event)
            if self._server.server:
                threading.Thread(target=self._deliver, args=(event,), daemon=True).start()

    def clear(self) -> None:
        """Forget all mails."""
        self.mails.clear()

    def _deliver(self, mail: MailWritten) -> None:
        from email.message import EmailMessage

        message = EmailMessage()
        message.set_content(mail.text)
        try:
            message["From"], message["To"] = self._server.username, mail.to
            message["Subject"] = mail.subject
            with self._connect() as smtp:
                if self._server.MAIL_USE_TLS and not self._server.MAIL_USE_SSL:
                    smtp.starttls()
                if self._server.password:
                    smtp.login(self._server.username, self._server.password)
                smtp.send_message(message)
        except (OSError, ValueError) as error:
            log.error("the mail %r to %r could not be sent: %s", mail.subject, mail.to, error)

    def _connect(self) -> "smtplib.SMTP":
        import smtplib

        kind = smtplib.SMTP_SSL if self._server.MAIL_USE_SSL else smtplib.SMTP
        return kind(self._server.server or "", self._server.port, timeout=_PATIENCE)
