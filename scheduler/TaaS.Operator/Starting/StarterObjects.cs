using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>
/// Queues and flavors to begin with. <c>kubectl apply</c> cannot bring a kind and objects of it in one go, so the operator makes them
/// from files: once, where the cluster has no queue at all. What an admin changes or deletes afterwards stays so.
/// </summary>
internal sealed class StarterObjects
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly ApiClient _client;
    private readonly OperatorLog _log;
    private readonly TimeProvider _time;

    /// <param name="folder">Folder of YAML files.</param>
    /// <param name="client">The server.</param>
    /// <param name="log">Takes the log.</param>
    /// <param name="time">Clock of the pauses.</param>
    public StarterObjects(string folder, ApiClient client, OperatorLog log, TimeProvider time) => (_folder, _client, _log, _time) = (folder, client, log, time);

    /// <summary>Makes them, trying again while the server does not know the kinds yet. Files that cannot be read are told of, and left.</summary>
    public async Task MakeAsync(CancellationToken cancel)
    {
        string? last = null;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await TryAsync(cancel).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (error is JobException or IOException or UnauthorizedAccessException)
            {
                _log.StarterFailed(error.Message.ReplaceLineEndings(" "));
                return;
            }
            catch (ApiException error)
            {
                if (error.Message != last)
                {
                    _log.StarterFailed(error.Message);
                    last = error.Message;
                }
            }

            await Task.Delay(RetryPause, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TryAsync(CancellationToken cancel)
    {
        if ((await _client.ListAsync(ResourceKinds.Queues, null, cancel: cancel).ConfigureAwait(false)).Items.Count > 0)
        {
            return;
        }

        var files = Directory.GetFiles(_folder, "*.yaml").Order(StringComparer.Ordinal).Select(static file => ContractFile.Parse(File.ReadAllText(file))).ToList();
        var flavors = files.SelectMany(static file => file.Flavors).ToList();
        var queues = files.SelectMany(static file => file.Queues).ToList();
        // Queues last: were they made and flavors not, nobody would come back for the flavors.
        foreach (var flavor in flavors)
        {
            await CreateAsync(ResourceKinds.ResourceFlavors, Fill(new ResourceFlavorResource(), flavor.Name, flavor.ToJson()), cancel).ConfigureAwait(false);
        }

        foreach (var queue in queues)
        {
            await CreateAsync(ResourceKinds.Queues, Fill(new QueueResource(), queue.Name, queue.ToJson()), cancel).ConfigureAwait(false);
        }

        _log.Started(flavors.Count, queues.Count, _folder);
    }

    private async Task CreateAsync<T>(ResourceKind<T> kind, T item, CancellationToken cancel)
        where T : CustomResource
    {
        try
        {
            await _client.CreateAsync(kind, item, cancel).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Failure == ApiFailure.AlreadyExists)
        {
            // An earlier try, or an admin, was first.
        }
    }

    private static T Fill<T>(T resource, string name, JsonObject json)
        where T : CustomResource
    {
        resource.Metadata = new V1ObjectMeta { Name = name };
        resource.Spec = JsonSerializer.SerializeToElement(json["spec"]);
        return resource;
    }
}
