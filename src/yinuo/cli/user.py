"""`yinuo user`: accounts, from the machine itself."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yinuo.cli.common import opened, operator, spoken
from yinuo.core import clock
from yinuo.core.texts import text
from yinuo.users import service as users
from yinuo.users.model import Role

app = typer.Typer(
    help="Add, list and disable users, and set passwords. Works while the product runs.",
    no_args_is_help=True,
)

Username = Annotated[str, typer.Argument(help="User name, such as li.na; letter case is ignored.")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")]


@app.command()
def add(
    username: Username,
    role: Annotated[Role, typer.Option(help="What the person is.")],
    name: Annotated[str, typer.Option(help="The person's name, as the console shows it.")] = "",
    password_stdin: FromInput = False,
    generate: Generate = False,
) -> None:
    """Add a user: yinuo user add li.na --role customer_service --name 李娜 --generate."""
    password = _password(from_input=password_stdin, generate=generate)
    with opened() as database, database.transaction() as session:
        user = users.add_user(
            session,
            username=username,
            name=name or username,
            role=role,
            password=password,
            actor=operator(),
            now=clock.now(),
        )
    typer.echo(f"{user.username}  {text(f'users.role.{user.role.value}', spoken())}  {user.id}")
    _show(password, is_new=generate)


@app.command(name="list")
def list_() -> None:
    """List all users with their roles; disabled ones too."""
    with opened() as database, database.read() as session:
        everybody = users.list_users(session)
    table = Table("username", "name", "role", "last sign-in", "disabled")
    for user in everybody:
        last = user.last_sign_in_at
        table.add_row(
            user.username,
            user.name,
            text(f"users.role.{user.role.value}", spoken()),
            last.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if last else "-",
            "yes" if user.is_disabled else "",
        )
    Console().print(table)


@app.command()
def password(
    username: Username, password_stdin: FromInput = False, generate: Generate = False
) -> None:
    """Give a user a new password; all sessions of that user end."""
    new = _password(from_input=password_stdin, generate=generate)
    with opened() as database, database.transaction() as session:
        user = users.find_user(session, username)
        users.set_password(session, user.id, password=new, actor=operator(), now=clock.now())
    typer.echo(user.username)
    _show(new, is_new=generate)


@app.command()
def disable(username: Username) -> None:
    """Close an account: its sessions end, its tokens stop. The last IT admin can not be."""
    _set_disabled(username, is_disabled=True)


@app.command()
def enable(username: Username) -> None:
    """Open a closed account again."""
    _set_disabled(username, is_disabled=False)


def _set_disabled(username: str, *, is_disabled: bool) -> None:
    with opened() as database, database.transaction() as session:
        user = users.find_user(session, username)
        users.change_user(
            session, user.id, actor=operator(), now=clock.now(), is_disabled=is_disabled
        )
    typer.echo(f"{user.username}  {'disabled' if is_disabled else 'enabled'}")


def _password(*, from_input: bool, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(12)
    if from_input:
        return sys.stdin.readline().rstrip("\n")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _show(new: str, *, is_new: bool) -> None:
    if is_new:
        typer.echo(f"password: {new}")
