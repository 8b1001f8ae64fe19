#!/usr/bin/env python3
"""Builds a deb package on a Fatbuildr server, with a client that a generator made of openapi.json.

usage: build.py SERVER INSTANCE DISTRIBUTION ARTIFACT TARBALL

TARBALL holds the files of the artifact's definition. The token is read from $FATBUILDR_TOKEN. Prints what the
build prints, then what is published of the artifact. Exit status: 0 built, 1 refused or failed.
"""

import base64
import json
import os
import sys

from openapi_client import ApiClient, ApiException, BuildsApi, Configuration, RegistriesApi, TasksApi


def text(line):
    """What a line of the journal prints: a message of Fatbuildr's own, or output of a program."""
    message = json.loads(line)
    if message["command"] == "log":
        return message["message"] + "\n"
    if message["command"] == "output":
        return base64.b64decode(message["data"]).decode(errors="replace")
    return ""


def build(client, instance, distribution, artifact, tarball):
    """Returns why the build failed, None when it did not."""
    task = BuildsApi(client).submit_build(instance, "deb", distribution, artifact, tarball)
    tasks = TasksApi(client)
    # The journal is there when the task has ended.
    for line in tasks.follow_journal(instance, task.id).split("\n"):
        sys.stdout.write(text(line) if line else "")
    task = tasks.get_task(instance, task.id)
    if task.result != "success":
        return f"task {task.id} ended as {task.result}: {task.reason}"
    for published in RegistriesApi(client).list_artifacts(instance, "deb", distribution, "main"):
        if published.name == artifact:
            print(published.name, published.version, published.architecture)
    return None


def main():
    if len(sys.argv) != 6:
        return __doc__
    server, *rest = sys.argv[1:]
    configuration = Configuration(host=server)
    configuration.access_token = os.environ.get("FATBUILDR_TOKEN")
    with ApiClient(configuration) as client:
        try:
            return build(client, *rest)
        except ApiException as refusal:
            return json.loads(refusal.body)["detail"]


sys.exit(main())
