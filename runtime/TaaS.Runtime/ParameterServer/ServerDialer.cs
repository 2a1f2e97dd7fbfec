using System.Net.Sockets;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>Opens a connection to a server, proves who is there, and registers the model.</summary>
internal sealed class ServerDialer(string name, string address, int worker, string signature, ParameterLayout layout, TransportOptions options)
{
    private readonly byte[] _layout = layout.ToJson();

    /// <summary>Name and address of the server.</summary>
    public string Peer { get; } = $"{name} ({address})";

    /// <summary>Makes one attempt.</summary>
    /// <param name="generation">Generation that the server is in; 0 for none.</param>
    /// <exception cref="TransportException">Refused, or silent.</exception>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public FrameConnection Dial(out uint generation)
    {
        var connection = Open();
        try
        {
            generation = Greet(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private FrameConnection Open()
    {
        var socket = TransportAddress.CreateSocket(address);
        try
        {
            using var limit = new CancellationTokenSource(options.Handshake);
            using (limit.Token.Register(socket.Dispose))
            {
                socket.Connect(TransportAddress.ToConnect(address));
            }

            return new FrameConnection(socket, Peer, options.Handshake);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private uint Greet(FrameConnection connection)
    {
        Handshake.Greet(connection, options.Secret, worker, signature);
        connection.Silence = options.Silence;
        connection.Send(new FrameHeader(MessageType.Register) { Worker = worker }, _layout);
        FrameHeader answer;
        do
        {
            answer = connection.ReceiveHeader("the model to be registered", Handshake.MaxAbortBytes);
            if (answer.Type == MessageType.Abort)
            {
                throw Handshake.ReadAbort(connection, answer);
            }

            connection.ReceivePayload(answer, default);
        }
        while (answer.Type == MessageType.Heartbeat);

        return answer.Generation;
    }
}
