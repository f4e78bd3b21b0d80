# ruff: noqa: E501
"""What people say to a shop assistant, as data: requests, verdicts, commands, talk."""

from vitrine.agent.understanding.text import split_list, table

# --- requests, talk, judgement -------------------------------------------------------------------

REQUESTS = table(
    {
        "request": split_list(
            "back to | go back to | return to | gimme | lemme see | wanna see | wanna get | i want | i need | i'd like | i would like | i'd love | i would love | i am looking | i'm looking | looking for | "
            "look for | looking to buy | looking to get | show me | show us | show | find me | find | get me | give me | "
            "recommend | suggest | search for | search | can i see | could i see | can i get | can you show | "
            "i am after | i'm after | i'm searching | i am searching | i'm hunting | help me find | shopping for | "
            "in the market for | we need | we want | want to buy | want to get | wanna buy | i wanna | let me see | "
            "let's see | in search of | do you have | do you sell | do you carry | do you stock | do you offer | can i buy | can i have | could i have | have you got | you got | got any | "
            "any chance of | is there | are there | what about | how about | what do you have | i could use | "
            "what have you got | i require | bring me | let me have | need | want | after a | after an | after some | after something | after anything | am after | 'm after | are after | 're after | i'm in need of | in need of | have a look at | take a look at | have another look at"
        )
    }
)
MORE = table(
    {
        "continue": split_list(
            "have you more | have you any more | have you others | have you got more | do you have more | do you have others | more in the back | "
            "surprise me again | is that all , | is that it , | is that all you have | is that all you've got | that all you've got | is that all there is | "
            "a few more | few more | couple more | some more | see others | see other | more of these | more of those | more of them | more like these | "
            "more like those | anything more | what others | show others | other ones | two more | three more | four more | five more | got more | got any more | show me the next | next page | next ones | completely different | totally different | "
            "something completely different | anything different | another lot | another batch | a different set | "
            "what more | show me other | show me some other | show me different | "
            "show me more | more options | more like | anything else | what else | something else | other options | next | show more | "
            "more please | any others | any other | some more | keep going | different ones | others | "
            "something different | see more | more of | other ones | new ones | fresh ones | another one | "
            "show me what you have | show me what you've got | show me what you got | see what you have | see what you've got | "
            "nothing else ? | nothing more ? | is that all ? | is that it ? | that's all ? | is that everything ? | are there others | is there another | good alternative | "
            "an alternative | show me the results | show me already | any other ideas | what other | got others | got anything else | "
            "anything similar | something similar | similar ones | anything like it | anything like that | anything like this | "
            "keep them coming | keep 'em coming | keep it coming | hit me with more | what other options | "
            "give me more | alternatives | more ideas | continue"
        )
    }
)
ACKNOWLEDGE = table(
    {
        "ack": split_list(
            "k | ok | okay | thanks | thank you | got it | great | cool | nice | alright | all right | sounds good | understood | cheers | "
            "perfect | good | fine | i see | sure | awesome | wonderful | lovely | makes sense | fair enough | ta | "
            "much appreciated | good to know | noted | right | brilliant | great job | you're helpful | so helpful | very helpful | "
            "that helps | that's helpful | you rock | appreciate it | good work | well done | nice one | haha | lol | thx | ty | "
            "aha | alrighty | okey dokey | okie | okie dokie | kk | k | interesting | righto | righty ho | i get it | ah ok | got you | as you say | of course | "
            "great thanks | cool thanks | gotcha | roger | copy that | will do | no worries | no problem"
        )
    }
)
REACTIONS = table(
    {
        "reaction": split_list(
            "cute | so cute | very cute | super cute | how cute | fun | so fun | very fun | sweet | so sweet | adorable | chic | very chic | so chic | "
            "stylish | very stylish | classy | very classy | so elegant | very elegant | how elegant | funky | quirky | fancy | very fancy | "
            "so fancy | glamorous | so pretty | very pretty | gorgeous | stunning | love it | cheerful | interesting | ooh nice | oh nice | oh cool"
        )
    }
)
"""What people call out at what is shown: no wish."""
NEUTRAL = table(
    {
        "neutral": split_list(
            "torn between | can't decide | can't make up my mind | i don't care | don't care | any of them | either one | either is fine | "
            "you pick | your call | anything goes | not fussed | i'm easy | don't mind | no idea yet | need to think | think about it | "
            "sleep on it | think it over | not convinced | on the fence | of two minds | in two minds | still thinking | "
            "just looking | just browsing | just looking around | nothing in particular | nothing specific | having a look around | window shopping | "
            "give me a minute | give me a second | not sure | i don't know | don't know | dunno | maybe | hmm | hm | no idea | so so | undecided | let me think | "
            "i'm not certain | up to you | you choose | you decide | surprise me | whatever you think | "
            "i need to ask | i have to ask | i'll ask my | let me ask | i'm torn | hard to say | hard to choose | hard to decide | tough choice | "
            "tough one | difficult to say | could be | give me a sec | need a moment | need some time | see it in person | have to think | "
            "haven't decided | not decided | don't know yet | need more time | let me consider | i'll consider | not there yet | "
            "meh | not bad | i guess | no preference | don't have a preference | it depends | no strong feelings"
        )
    }
)
GREETINGS = table(
    {
        "greet": split_list(
            "hi | hello | hey | hiya | howdy | good morning | good afternoon | good evening | greetings | yo | hi there | "
            "hello there | hey there | bye | goodbye | see you | good night | how are you | how's it going | what's up"
        )
    }
)
YES = frozenset(
    "yes yeah yep yup sure ok okay correct exactly right definitely absolutely please".split()
)
NO = frozenset("no nope nah none neither".split())

ACCEPT = table(
    {
        "accept": split_list(
            "i'll take | i will take | we'll take | we will take | we'll have | we'll buy | we'll order | we'll go with | "
            " i'll have | i will have | i'll buy | i will buy | i'd buy | i want to buy | i'd take | "
            "i'm taking | i am taking | add to cart | add to my cart | add it to | add that to | buy it | buy that | "
            "order it | i'll order | i'll go with | i will go with | i'll go for | let's go with | that's the one | "
            "that is the one | this is the one | that's it | sold | exactly what i need | exactly what i want | "
            "exactly what i wanted | exactly what i was looking for | just what i need | just what i wanted | "
            "just what i was looking for | exactly what i was after | just what i had in mind | exactly what i had in mind | "
            "precisely what i need | precisely what i want | what i was looking for | spot on | bingo | is a yes | are a yes | "
            "i'll cop | i will cop | gimme that | gimme it | gimme this | give me that | give me this one | give me that one | "
            "i choose | i pick | my pick | i'm going with | want this one | want that one | want to order | "
            "ok deal | okay deal | it's a deal | it is a deal | you've got a deal | that'll do | that will do | that would do | go for it | let's do it | let's do this | wrap it up | ring it up | ring me up | check me out | bag it | "
            "is the winner | is the one for me | is the one i want | is the one | the winner is | wrap up | reserve | set aside | "
            "that's perfect | it's perfect | is perfect | works for me | i accept | is my favourite | is my favorite | "
            "will check that out | check that out | in my cart | in the cart | in my basket | in the basket | to my cart | to the cart | to cart | to my basket | to the basket | rather have | take it | i'd like to buy | i'd like to order | i'm sold"
        )
    }
)
LIKE = table(
    {
        "like": split_list(
            "is ok | is okay | is fine | is alright | is not bad | looks fun | is fun | are fun | looks cute | are cute | looks cool | is cool | is fantastic | is brilliant | is sweet | "
            "is my favourite | is my favorite | are my favourites | are my favorites | are my favourite | are my favorite | "
            "is better | are better | looks better | is right | are right | are it | fits | suits me | leaning towards | leaning toward | "
            "drawn to | tempted by | i liked | i loved | we liked | liked | keep | i'd keep | save | hold on to | i like | i love | i really like | i really love | we like | do like | also like | quite like | really like | rather like | love | adore | i'm loving | is nice | is lovely | "
            "is great | is gorgeous | is beautiful | looks great | looks nice | looks good | looks lovely | are great | "
            "are lovely | are nice | is cute | is pretty | look great | look good | look nice | look lovely | look amazing | look beautiful | great choice | good choice | is awesome | is my style | "
            "i'm into | prefer | is the best | crazy about | a fan of | keen on | sold on | impressed by | impressed with | wild about | "
            "in love with | fond of | taken with | convinced by | convinced of | happy with | blown away by | is stunning | "
            "are stunning | is perfect | looks perfect | is amazing | are amazing | looks amazing | is fab | is so me | "
            "speaks to me | catches my eye | caught my eye | is gorgeous | are gorgeous | wins | is a winner | is my pick"
        )
    }
)
REJECT = table(
    {
        "reject": split_list(
            "don't like | do not like | don't love | don't want | do not want | hate | dislike | can't stand | not for me | "
            "isn't for me | aren't for me | not my style | not my thing | not my taste | no thanks | no thank you | not that one | "
            "not this one | none of these | none of those | none of them | none of that | not these | not those | "
            "not interested | reject | don't care for | not a fan of | not keen on | not into | not feeling | "
            "is bad | are bad | that's bad | is ugly | are ugly | looks ugly | is awful | is terrible | is horrible | are awful | are terrible | "
            "not what i'm looking for | not what i want | not what i had in mind | not quite | rather not | "
            "isn't my style | aren't my style | isn't my thing | isn't what i | aren't what i | not what i was | "
            "don't care much for | doesn't do it for me | don't do it for me | doesn't do anything for me | isn't doing it for me | "
            "can't see myself in | leaves me cold | is hideous | are hideous | are boring | is boring | is so boring | doesn't suit me | "
            "don't suit me | doesn't work for me | don't work for me | isn't it | rule out | cross off | forget about | "
            "nope to | a no to | thumbs down | isn't really me | aren't really me | isn't me | is dull | are dull | "
            "changed my mind about | change my mind about | looks cheap | look cheap | looks dated | looks frumpy | looks tacky | looks horrible | looks weird | looks odd | looks awful | "
            "look awful | looks terrible | look terrible | looks dull | looks boring | don't show me | stop showing me | don't want to see | are nope | is nope | not feeling it | not feeling these | not feeling those | not feeling any | not doing it for me | "
            "not my cup of tea | not my jam | not my kind of thing | not my vibe | not my colour | not my color | not what i meant | not what i asked for | "
            "no to all | none for me | no to these | no to those | no to them | has to go | have to go | is out | are out | bin | chuck | toss | "
            "do nothing for me | does nothing for me | not one of these | not one of them | wouldn't touch | you can drop | "
            "wouldn't wear | would never wear | take away | get rid of | not the | pass on | i'll pass | boring | isn't quite right"
        )
    }
)
OWN_LIKE = table(
    {
        "own": split_list(
            "have one like | have one just like | have one exactly like | have something like | own one like | "
            "own one just like | got one like | got one just like | got something like | have the same as | "
            "have a similar one to | already have something like | have something just like"
        )
    }
)
OWN = table(
    {
        "own": split_list(
            "she has already | he has already | she already has | he already has | they already have | has already | "
            "already have | already own | already bought | already got | i have that | i own | have one like | i've got that | "
            "i've got one like | got one already | have it already | bought that | bought it before | had that one | "
            "already mine | mine already | is mine | have had | had this one | had that one | bought | i've bought | purchased | i've had | used to have | used to own | owns | owned | "
            "have that one | i have this | have one already | i've already | i already"
        )
    }
)
UNDO = table(
    {
        "undo": split_list(
            "rewind | scrap that | back the way it was | the way it was before | how it used to be | ctrl z | ctrl - z | control z | as it was before | like it was before | how it was before | forget my last message | ignore my last message | forget the last thing | "
            "ignore the last thing | restore the previous | restore what | bring back the previous | bring back what | back to how it was | "
            "one step back | i take it back | i take that back | reverse that | what i had before that | undo | take that back | take it back | go back one | revert | undo that | step back | cancel that | "
            "undo the last | roll back | scratch that | never mind that | go back a step | go back | put it back as it was"
        )
    }
)
RESET = table(
    {
        "reset": split_list(
            "start from the beginning | start at the beginning | begin from the beginning | start over | start again | start afresh | reset | new search | forget everything | clear everything | clear all | "
            "from scratch | begin again | forget everything i said | forget all that | forget all of that | "
            "start fresh | restart | clear my filters | clear the filters | wipe everything | clean slate | "
            "forget what i said | start from scratch | begin from scratch | start all over | start anew | scrap that and start | "
            "scrap everything | scrap it all | let's start fresh | let's begin again | forget it all | wipe the slate | "
            "start from zero | from the top | begin anew | delete all my filters | clear all filters | remove all filters | drop all filters | "
            "remove all my filters | reset everything | drop everything | back to square one | from square one | clear all my filters | "
            "clear my search | clear the search | a fresh start"
        )
    }
)
HELP = table(
    {
        "help": split_list(
            "how does this thing work | how does this all work | can anybody help | can anyone help | can somebody help | help me here | what can i even ask | "
            "what can i even ask | can i even ask | what can i even say | what can i even do | how do i search | how do i find | how do i order | how do i start | how do i begin | how can i search | how do i use you | where do i start | "
            "what you are able to do | what you're able to do | what are you able to do | what are you capable of | what you're capable of | "
            "what can you help with | what you can help with | what can you help me with | what do you offer here | what else do you do | what's this thing | what is this thing | "
            "what's this app | what is this app | how this thing works | show me the ropes | walk me through | give me a tour | i'm new here | i am new here | "
            "who am i talking to | who is this | who am i speaking to | what am i talking to | what can you do | how does this work | how do you work | how does it work | what are you | who are you | are you human | are you a bot | are you a robot | are you real | are you an ai | "
            "can you also draw | can you draw things | can you draw too | can you draw as well | do you draw | what can i do here | what else can you do | "
            "what you can do | what you do here | explain how you work | who made you | who built you | what is this | how do i use this | what are my options here | what do you do | "
            "am i talking to a human | am i talking to a person | how can you help | what can i ask | what can i say | help | usage | instructions"
        )
    }
)
WHY = table(
    {
        "why": split_list(
            "on what grounds | on which grounds | why | what makes it | what makes this | what makes that | what makes the | what makes them | what makes these | what makes those | how come | what makes you | what made you | on what basis | for what reason | explain your | reason for | "
            "what's the reason | justify | reason ? | the reason ? | any reason | what's the logic | what is the logic"
        )
    }
)
PROFILE_SHOW = table(
    {
        "show": split_list(
            "your memory of me | in your memory | memory about me | read me back my | read back my | read me my | show me my notes | what do you know about me | what do you remember about me | what have you learned about me | show my profile | "
            "show me my profile | my profile | what do you think i like | what have you stored | what did you save | "
            "what do you have on me | what you know about me | what do you believe about me | my preferences so far | "
            "what have i told you | summarise my preferences | summarize my preferences | what you remember about me | "
            "what do you remember | what have you learned | what do you know | what are my preferences | what have you got stored | what's in my profile | what is in my profile | what do you have stored | "
            "what i've asked for | what have i asked for | what i asked for so far | what did i ask for | remind me what i | what are my filters | "
            "which filters | what filters | what am i looking for | what have i said | what i've told you | what i told you | what are you assuming | "
            "what do you assume | recap what i | recap my | sum up what i | what's my profile | what is my profile | what are my settings | "
            "on file about me | have about me | you have on me | my preferences ? | what you remember | "
            "what have you saved | show me what you know | what have you noted | what have you remembered | what data do you have"
        )
    }
)
REMEMBER = table(
    {
        "remember": split_list(
            "jot this down | jot that down | write this down | note this down | put this down | note down that | note down | write down that | write down | jot down that | jot down | keep a note that | take note that | take note | do remember that | do remember | "
            "mark down that | log that | put down that | make a note that | file that away | please remember that for next time | please remember that | please remember this | please remember this for next time | "
            "remember that | please remember | remember i | remember my | note that | keep in mind | bear in mind | "
            "note my | please note | save my | keep that in mind | save that | please save that | remember that for next time | "
            "for next time | remember me as | make a note of | add to my profile | put in my profile | add to my profile that | "
            "for future reference | make a note | for the record | remember this | save that | remember"
        ),
        "from_now_on": split_list(
            "from now on | in future | in the future | going forward | always remember | as a rule | in general i | "
            "never ever show me | never ever suggest | from today on | from this day on | as of today | as from now | henceforth | "
            "ever again | never again | and always | for good | for all future | every time | any time i shop | "
            "never suggest | never recommend | never offer me | never show | don't ever show me | don't ever suggest | always show me | "
            "generally i | i always | i never | never show me | from here on"
        ),
        "for_now": split_list(
            "for the next trip only | for this occasion only | only today | today only | only for today | for this one only | just for tonight | "
            "just for this trip | for this trip only | just for now | only this time | just this once | for today only | "
            "just for today | this time only | just this time | for the time being | for this trip | just for this | only for this"
        ),
    }
)
FORGET = table(
    {
        "forget": split_list(
            "forget that i | forget i | forget my | forget that | forget about my | stop remembering | no longer remember | "
            "delete everything you have | erase everything you have | delete everything you know | erase everything you know | "
            "forget everything you know about me | forget all you know about me | delete everything you know about me | "
            "forget what you know about my | forget what you know about | forget about my | forget everything about me | forget all about me | delete everything about me | erase everything about me | wipe everything about me | "
            "delete my profile | delete my data | delete my | erase my | erase my profile | wipe my profile | forget me | delete from my profile | remove from my profile | don't remember | do not remember | don't save | do not save | don't store | do not store | don't note | "
            "do not note | don't write down | don't record | do not record | never save | stop saving | stop noting | don't memorize | don't memorise | forget about me | "
            "it's no longer true that | erase"
        )
    }
)
ASPIRE = table(
    {
        "aspire": split_list(
            "i want to become | i dream of | i'd like to become | i want to look more | my goal is | "
            "i hope to | i aspire | i want to learn | i want to dress | i'd like to dress | i want to try | i'd like to try"
        )
    }
)
PRACTICAL = table(
    {
        "practical": split_list(
            "allergic | allergy | i wear size | my size | size | budget | my budget | i am tall | "
            "i'm tall | i am short | machine wash | i spend | i live | i work | i commute | i cycle | i can't iron"
        )
    }
)

# --- designing ------------------------------------------------------------------------------------

DESIGN_VERBS = frozenset(
    "visualise visualize illustrate redo remake recreate restyle design draw create generate sketch imagine paint invent render draft conjure mix craft".split()
)
MAKE_VERBS = frozenset("make".split())
DESIGN_OBJECTS = frozenset(
    "me us a an some one two three four five six seven eight something new it that this them these those both similar another "
    "more few anything".split()
)
LIKE_CUES = table(
    {
        "like": split_list(
            "like | similar to | same as | inspired by | based on | in the style of | resembling | along the lines of | "
            "close to | reminiscent of | as | from | following | similar | out of | more like"
        )
    }
)
EDIT_CUES = table(
    {"edit": split_list("but | except | only | with | in | make it | change | turn it | instead")}
)

# --- out of scope -----------------------------------------------------------------------------

UNSAFE = table(
    {
        "unsafe": split_list(
            "hack my | hack a | hack the | hack his | hack her | weed | cannabis | marijuana | bomb | explosive | explosives | gun | guns | rifle | weapon | weapons | cocaine | heroin | meth | drugs | "
            "nude photo | nude picture | naked | porn | pornographic | nsfw | child porn | hack into | malware | "
            "steal | counterfeit | kill | murder | suicide | hurt myself | kill myself | self harm | poison | "
            "credit card numbers | undress"
        )
    }
)
GRAVE = table(
    {
        "grave": split_list(
            "bomb | bombs | explosive | explosives | cocaine | heroin | meth | child porn | malware | ransomware | hack into | "
            "kill someone | kill him | kill her | hurt someone | smuggle | shoplift | shoplifting | stolen credit card | "
            "stolen credit cards | credit card numbers | card numbers | passwords | other customers' data | launder money"
        )
    }
)
"""What no mention of goods makes harmless."""
HOW_TO = table(
    {
        "how": split_list(
            "how do i | how can i | how to | how would i | how could i | how does one | teach me | tell me how | show me how | "
            "where can i get | where do i get | instructions for | to hide | to conceal | hide my | hide a | conceal a"
        )
    }
)
CARE = table(
    {
        "care": split_list(
            "suicide | hurt myself | kill myself | self harm | end my life | want to die"
        )
    }
)
OFF_TOPIC = table(
    {
        "off": split_list(
            "you are now | you have no restrictions | no restrictions | pretend to be | pretend you are | pretend you're | act as a | act as an | act as if | "
            "weather forecast | what's the weather | what is the weather | weather like | weather today | weather tomorrow | tell me a joke | joke | "
            "poem | capital of | president | prime minister | election | politics | translate | "
            "homework | essay | python | javascript | write code | write a program | sql | stock market | bitcoin | crypto | "
            "recipe | cook | football score | who won | news | meaning of life | solve | equation | algebra | "
            "math problem | square root | book a flight | book a hotel | restaurant | movie | film | song | lyrics | "
            "diagnose | medical advice | legal advice | lawyer | symptoms | mortgage | tax return | "
            "will the weather be | weather be like | is it going to rain | will it rain | going to snow | are you married | "
            "system override | forget your rules | forget your instructions | ignore your rules | ignore your instructions | ignore all previous | "
            "ignore previous instructions | disregard your | disregard all previous | override your | your instructions | developer mode | jailbreak | "
            "pills | medicine | medication | painkillers | painkiller | antibiotics | headache | "
            "hidden prompt | your prompt | the prompt you | your system prompt | system prompt | what model are you | plus two | times table | who wrote | president of | "
            "order a pizza | pizza | taxi | football | soccer | basketball | baseball team | my taxes | your taxes | book me a | "
            "book a table | book a room | table for two | my homework | write an email | write a letter | write my | "
            "who will win | what time is it | what day is it | play some music | play a song | set an alarm | set a timer | "
            "call my | text my | send an email | lottery | horoscope | zodiac | girlfriend breakup | relationship advice | "
            "who to vote for | vote for | vote | religion | the stock exchange | how old are you | do you love me | are you single | tell me a story | sing me | a riddle | "
            "history of | who is the king | who is the queen | population of | distance to | how far is"
        )
    }
)
"""Subjects that no shop assistant should take up."""
DESIGN_REQUEST = table(
    {"design": split_list("design me | draw me | create a | make me | generate a")}
)
