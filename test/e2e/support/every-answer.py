"""Reads with the generated client whatever can be read, and prints the type of each answer.

usage: every-answer.py SERVER INSTANCE DISTRIBUTION ARTIFACT

The client makes objects of the answers, and raises where one lacks what the document requires.
"""

import os
import sys

import openapi_client as api

server, instance, distribution, artifact = sys.argv[1:]
configuration = api.Configuration(host=server)
configuration.access_token = os.environ["FATBUILDR_TOKEN"]
with api.ApiClient(configuration) as client:
    pipelines = api.PipelinesApi(client)
    tasks = api.TasksApi(client)
    images = api.ImagesApi(client)
    keyring = api.KeyringApi(client)
    registries = api.RegistriesApi(client)
    builds = tasks.list_tasks(instance, artifact=artifact, result="success", limit=1)
    task = builds.items[0].id
    file = tasks.list_task_files(instance, task)[0].path
    place = (instance, "deb", distribution)
    source = (*place, "main", "src", artifact)
    binary = (*place, "main", "noarch", artifact)
    for answer in (
        api.InstancesApi(client).list_instances(),
        api.InstancesApi(client).get_instance(instance),
        pipelines.get_pipelines(instance),
        pipelines.get_format_pipelines(instance, "deb"),
        pipelines.get_distribution_pipeline(instance, distribution),
        pipelines.get_derivative_pipelines(instance, "main"),
        builds,
        tasks.get_task(instance, task),
        tasks.estimate_task(instance, task),
        images.list_images(instance),
        images.get_image(instance, "deb"),
        keyring.get_keyring(instance),
        keyring.export_keyring(instance),
        registries.list_registry_formats(instance),
        registries.list_registry_distributions(instance, "deb"),
        registries.list_registry_derivatives(*place),
        registries.list_publications(*place),
        registries.list_artifacts(*place, "main"),
        registries.search_artifacts(instance, text=artifact),
        registries.get_artifact(*source),
        registries.get_changelog(*binary),
        registries.get_content(*binary),
        registries.list_binaries(*place, "main", artifact),
        registries.get_source(*place, "main", artifact),
        api.TokensApi(client).list_tokens(instance),
    ):
        several = isinstance(answer, list)
        print(f"{type(answer[0]).__name__}, ..." if several else type(answer).__name__)
