using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>
/// What a worker has asked one server and what was answered, without any transport: which question goes next, which are asked again after
/// a break, which answer belongs to none. Guarded by its owner.
/// </summary>
internal sealed class LinkExchange
{
    private LinkRequest[] _requests = [];
    private RequestState[] _states = [];
    private uint _firstNumber;
    private uint _generation;
    private long _step;
    private int _sent;
    private int _open;

    /// <summary>True when nothing more is waited for: all is answered, or training went back.</summary>
    public bool IsDone => _open == 0;

    /// <summary>True if answers may go to where they belong; until then they are staged.</summary>
    public bool MayDeliver { get; private set; }

    /// <summary>What came of it so far.</summary>
    public LinkOutcome Outcome { get; private set; } = LinkOutcome.None;

    /// <summary>Number of questions.</summary>
    public int Count => _requests.Length;

    /// <summary>A question.</summary>
    public LinkRequest this[int request] => _requests[request];

    /// <summary>Begins an exchange; whatever is open of the last one is forgotten.</summary>
    /// <param name="requests">Questions; the array must stay as it is until <see cref="IsDone"/>.</param>
    /// <param name="step">Step that goes with each.</param>
    /// <param name="generation">Generation that goes with each.</param>
    /// <param name="isHeld">Each question waits for its <see cref="Release"/>, and no answer is delivered before <see cref="ReleaseAll"/>.</param>
    public void Begin(LinkRequest[] requests, long step, uint generation, bool isHeld)
    {
        // Numbers are not used again soon, so that a late answer finds no question.
        _firstNumber += (uint)_requests.Length;
        if (_states.Length < requests.Length)
        {
            _states = new RequestState[requests.Length];
        }

        Array.Fill(_states, new RequestState { IsReleased = !isHeld });
        (_requests, _step, _generation, _sent, _open, MayDeliver, Outcome) = (requests, step, generation, 0, requests.Length, !isHeld, LinkOutcome.None);
    }

    /// <summary>Lets a held question go out, after those before it in the array.</summary>
    public void Release(int request) => _states[request].IsReleased = true;

    /// <summary>Lets every question go out, and answers come in to where they belong.</summary>
    public void ReleaseAll()
    {
        for (var request = 0; request < _requests.Length; request++)
        {
            _states[request].IsReleased = true;
        }

        MayDeliver = true;
    }

    /// <summary>After a break: what was not answered will be asked again.</summary>
    public void AskAgain() => _sent = 0;

    /// <summary>Passes over what is answered.</summary>
    /// <returns>True if a question can go out now.</returns>
    public bool HasNext()
    {
        while (_sent < _requests.Length && _states[_sent].IsAnswered)
        {
            _sent++;
        }

        return _open > 0 && _sent < _requests.Length && _states[_sent].IsReleased;
    }

    /// <summary>Elements that the next question brings, after <see cref="HasNext"/>.</summary>
    public long NextElements => _requests[_sent].Outgoing.Elements;

    /// <summary>Takes the next question, after <see cref="HasNext"/>.</summary>
    public FrameHeader Next(int worker, out LinkRequest request)
    {
        request = _requests[_sent];
        return new FrameHeader(request.Type)
        {
            Request = _firstNumber + (uint)_sent++,
            Generation = _generation,
            Worker = worker,
            Step = _step,
            Slice = request.Slice,
            Part = (ushort)request.Part,
        };
    }

    /// <summary>Finds the open question of an answer.</summary>
    /// <returns>Its index, or -1 for an answer that nobody waits for any more.</returns>
    /// <exception cref="TransportException">The answer does not fit its question.</exception>
    public int Match(in FrameHeader answer, string peer)
    {
        var request = answer.Request - _firstNumber;
        if (_open == 0 || request >= (uint)_requests.Length || _states[request].IsAnswered)
        {
            return -1;
        }

        if (request >= (uint)_sent)
        {
            throw new TransportException($"{peer} answered question {answer.Request}, which was not asked");
        }

        if (answer.Slice != _requests[request].Slice || answer.Type is not (MessageType.Parameters or MessageType.Done or MessageType.WentBack))
        {
            throw new TransportException($"{peer} sent a {answer.Type} frame for slice {answer.Slice} in answer to one for slice {_requests[request].Slice}");
        }

        return (int)request;
    }

    /// <summary>Takes an answer whose content is where it belongs, or staged.</summary>
    public void Take(int request, in FrameHeader answer, bool isStaged)
    {
        // While its content came in, the exchange may have been given up for another.
        if (_open == 0 || answer.Request - _firstNumber != (uint)request || _states[request].IsAnswered)
        {
            return;
        }

        _states[request].IsAnswered = true;
        _states[request].IsStaged = isStaged;
        _open = answer.Type == MessageType.WentBack ? 0 : _open - 1;
        Outcome = Outcome.And(new LinkOutcome(
            answer.Type == MessageType.WentBack,
            answer.Generation,
            false,
            answer.Step,
            answer.Step,
            answer.Type == MessageType.Parameters && answer.Worker < 0));
    }

    /// <summary>True once for each answer that was staged.</summary>
    public bool TakeStaged(int request)
    {
        var isStaged = _states[request].IsStaged;
        _states[request].IsStaged = false;
        return isStaged;
    }

    private struct RequestState
    {
        /// <summary>It may go out.</summary>
        public bool IsReleased;

        /// <summary>Its answer is here.</summary>
        public bool IsAnswered;

        /// <summary>Its answer came before it might be delivered, and waits for that.</summary>
        public bool IsStaged;
    }
}
