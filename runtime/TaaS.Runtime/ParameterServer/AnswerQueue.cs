using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>Answers that a server owes one worker, in the order of its questions. Grows only while empty; guarded by its owner.</summary>
internal sealed class AnswerQueue
{
    private Answer[] _answers = new Answer[64];
    private int _first;

    /// <summary>Number of answers owed.</summary>
    public int Count { get; private set; }

    /// <summary>Makes room for that many, if nothing is owed.</summary>
    public void Reserve(int answers)
    {
        if (Count == 0 && _answers.Length < answers)
        {
            (_answers, _first) = (new Answer[answers], 0);
        }
    }

    /// <summary>Adds an answer; false if the worker asks without end and takes nothing.</summary>
    public bool TryAdd(in Answer answer)
    {
        if (Count == _answers.Length)
        {
            return false;
        }

        _answers[(_first + Count++) % _answers.Length] = answer;
        return true;
    }

    /// <summary>Takes the oldest.</summary>
    public Answer Take()
    {
        var answer = _answers[_first];
        _first = (_first + 1) % _answers.Length;
        Count--;
        return answer;
    }
}

/// <summary>An answer owed.</summary>
/// <param name="Header">Its header, as far as it is known.</param>
/// <param name="Condition">What it waits for; null if for nothing.</param>
internal readonly record struct Answer(FrameHeader Header, ReadKind? Condition);
