using System.Net.Sockets;
using System.Text;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>Connects a worker to the next.</summary>
internal static class RingDialer
{
    /// <summary>Part of an abort whose reason may pass: trying again makes sense.</summary>
    public const ushort Passing = 1;

    /// <summary>Sends the reason for ending a conversation.</summary>
    public static void SendAbort(FrameConnection connection, string reason, bool isPassing)
    {
        var text = Encoding.UTF8.GetBytes(reason);
        connection.Send(new FrameHeader(MessageType.Abort) { Part = isPassing ? Passing : (ushort)0 }, text.AsSpan(0, Math.Min(text.Length, Handshake.MaxAbortBytes)));
    }

    /// <summary>Tries once.</summary>
    /// <param name="place">Who connects to whom.</param>
    /// <param name="signature">What the next worker must run.</param>
    /// <param name="options">Limits and the secret.</param>
    /// <exception cref="SocketException">Nobody listens there yet.</exception>
    /// <exception cref="TransportException">Refused; <see cref="TransportException.Final"/> says that trying again is useless.</exception>
    public static FrameConnection Dial(RingPlace place, string signature, TransportOptions options)
    {
        var address = place.Addresses[place.Next];
        var socket = TransportAddress.CreateSocket(address);
        var connection = new FrameConnection(socket, place.Name(place.Next), options.Handshake);
        try
        {
            using (var limit = new CancellationTokenSource(options.Handshake))
            using (limit.Token.Register(connection.Dispose))
            {
                socket.Connect(TransportAddress.ToConnect(address));
                connection.SecureAsClient(options.Tls, TransportAddress.Host(address));
                Handshake.Greet(connection, options.Secret, place.Worker, options.Incarnation, signature);
                AwaitPlace(connection);
            }

            connection.Silence = options.Silence;
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void AwaitPlace(FrameConnection connection)
    {
        var answer = connection.ReceiveHeader("a place in the ring", Handshake.MaxAbortBytes);
        if (answer.Type == MessageType.Abort)
        {
            var refusal = Handshake.ReadAbort(connection, answer);
            throw answer.Part == Passing ? new TransportException(refusal.Message) : refusal;
        }

        if (answer.Type != MessageType.Done)
        {
            throw new TransportException($"{connection.Peer} sent a {answer.Type} frame where {MessageType.Done} was expected");
        }

        connection.ReceivePayload(answer, default);
    }
}
