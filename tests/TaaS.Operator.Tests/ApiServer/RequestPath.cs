namespace TaaS.Operator.Tests.ApiServer;

/// <summary>The parts of an API path: group, version, namespace, collection, name, subresource.</summary>
internal sealed record RequestPath(string Group, string Version, string? Space, string? Plural, string? Name, string? Subresource)
{
    public static RequestPath? Parse(string path)
    {
        var parts = new Queue<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString));
        if (!parts.TryDequeue(out var root) || root is not ("api" or "apis"))
        {
            return null;
        }

        var group = "";
        if ((root == "apis" && !parts.TryDequeue(out group)) || !parts.TryDequeue(out var version))
        {
            return null;
        }

        string? space = null;
        // namespaces/NAME/PLURAL is a path into a namespace; namespaces, namespaces/NAME and namespaces/NAME/status are about the namespace.
        if (parts.Count >= 3 && parts.Peek() == "namespaces" && parts.ElementAt(2) is not ("status" or "finalize"))
        {
            parts.Dequeue();
            space = parts.Dequeue();
        }

        parts.TryDequeue(out var plural);
        parts.TryDequeue(out var name);
        parts.TryDequeue(out var subresource);
        return new RequestPath(group!, version!, space, plural, name, subresource);
    }
}
