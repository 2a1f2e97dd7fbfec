using TaaS.Kernels;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>One question to a server: what is sent with it, and where the answer goes.</summary>
/// <param name="Type">Kind of frame to send.</param>
/// <param name="Slice">Slice, or -1.</param>
/// <param name="Part">Part of the slice.</param>
/// <param name="Outgoing">Content to send; a view without elements sends nothing.</param>
/// <param name="Incoming">Memory for the answer; a view without elements expects no content.</param>
internal readonly record struct LinkRequest(MessageType Type, int Slice, int Part, View Outgoing, View Incoming)
{
    /// <summary>Part of contiguous host memory, as a view.</summary>
    public static View Window(View whole, ParameterSlice slice) =>
        new(whole.Buffer, new Shape(slice.Length), new Shape(slice.Length).ContiguousStrides, whole.Offset + slice.Offset);
}
