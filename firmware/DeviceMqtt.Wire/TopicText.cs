namespace DeviceMqtt.Wire
{
    internal static class TopicText
    {
        /// <summary>
        /// True if <paramref name="part"/> stands in <paramref name="text"/> at that index. Written out, because on a PC StartsWith and
        /// IndexOf(string) ask the culture, and the overloads that do not ask it are missing on a board.
        /// </summary>
        internal static bool StandsAt(string text, int index, string part)
        {
            if (index < 0 || part.Length > text.Length - index)
            {
                return false;
            }

            for (int i = 0; i < part.Length; i++)
            {
                if (text[index + i] != part[i])
                {
                    return false;
                }
            }

            return true;
        }

        internal static bool TryCutPrefix(string text, string prefix, out string rest)
        {
            if (text == null || text.Length <= prefix.Length || !StandsAt(text, 0, prefix))
            {
                rest = "";
                return false;
            }

            rest = text.Substring(prefix.Length);
            return true;
        }

        /// <summary>True if the text can stand as one level of a topic name: not empty, no separator, no wildcard.</summary>
        internal static bool IsLevel(string text)
        {
            return !string.IsNullOrEmpty(text) && text.IndexOf('/') < 0 && text.IndexOf('+') < 0 && text.IndexOf('#') < 0;
        }
    }
}
