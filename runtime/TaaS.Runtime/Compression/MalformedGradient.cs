using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Compression;

/// <summary>Errors of bytes that are no encoded gradient. Final: the same bytes sent again would be no better.</summary>
internal static class MalformedGradient
{
    /// <summary>The error of content.</summary>
    public static TransportException Because(string codec, string reason) =>
        new($"a {codec} gradient cannot be decoded: {reason}; both sides must run the same release and job") { Final = true };

    /// <summary>Refuses bytes of the wrong number.</summary>
    public static void RequireBytes(string codec, int bytes, int expected, int elements)
    {
        if (bytes != expected)
        {
            throw Because(codec, $"{elements} elements take {expected} bytes, {bytes} came");
        }
    }
}
