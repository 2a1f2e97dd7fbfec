using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>What the containers of pods wrote, as a server gets it from kubelets: at once, or as it comes until the pod has ended.</summary>
internal sealed class PodLogs(Database database)
{
    private readonly ConcurrentDictionary<string, string> _texts = new();

    /// <summary>Sets what a pod of this name writes, from its start on.</summary>
    public void Set(string pod, string text) => _texts[pod] = text;

    /// <summary>The pod whose log a request asks for; null for any other request.</summary>
    public ObjectKey? Find(HttpRequest request)
    {
        if (RequestPath.Parse(request.Path.Value ?? "") is not { Plural: "pods", Name: { } name, Subresource: "log", Space: { } space })
        {
            return null;
        }

        lock (database.Gate)
        {
            var key = new ObjectKey(Kinds.Find(database, "", "v1", "pods")!, space, name);
            return database.Find(key) is { } pod && JsonPath.Text(pod, "status.phase") is not "Pending"
                ? key
                : throw new ApiError(400, "BadRequest", $"container in pod \"{name}\" is waiting to start: ContainerCreating");
        }
    }

    public async Task SendAsync(ObjectKey pod, HttpContext context, CancellationToken cancel)
    {
        context.Response.ContentType = "text/plain";
        var lines = _texts.GetValueOrDefault(pod.Name, "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var tail = int.TryParse(context.Request.Query["tailLines"], out var count) ? count : lines.Length;
        await context.Response.WriteAsync(string.Concat(lines.TakeLast(tail).Select(static line => $"{line}\n")), cancel);
        while (context.Request.Query["follow"] == "true")
        {
            await context.Response.Body.FlushAsync(cancel);
            Task changed;
            lock (database.Gate)
            {
                changed = database.Changed;
                if (database.Find(pod) is not { } now || JsonPath.Text(now, "status.phase") is "Succeeded" or "Failed")
                {
                    return;
                }
            }

            await changed.WaitAsync(cancel);
        }
    }
}
