"""Ordinary English words: never taken for typing errors, nor for names of things a shop lacks."""

ORDINARY: frozenset[str] = frozenset(
    """
a able about above absolutely accept according account across act action actual actually add added adult advice hives
afford after afternoon again against age ago agree ahead air all allow allowed almost alone along already
also alternative although always am amazing among amount an and angry another answer any anybody anymore
anyone anything anyway anywhere apart apologies appear apply appreciate are area argue arm around arrive art as aside
ask asked asking at attend attention aunt available average avoid awake aware away awesome awful baby back bad badly
basic basically be beach bear beat beautiful became because become bed been before began begin beginning behind being
believe below beside besides best bet better between beyond big birthday bit bite blame blank body book books bored
boring born both bother bought bottom bought box boy boyfriend break breakfast bring broke broken brother brought budget
build burn business busy but buy buying by call called calm came can car card care careful carefully carry case cash cat catch
cause celebrate center certain certainly chance change changed changes cheap cheaper cheapest check checked checking
cheers child children choice choices choose chose city clean clear clearly click climb close closer closest clothes clothing
clue code coffee cold colleague collection college combine come comes comfort coming common companies company compare compared
complete completely computer concern confused consider considering contact cook cool copy cost could count country couple course
cousin cover crazy create created cry cup curious current customer cut cute dad daily dance dare dark date daughter day days dead
deal dear decide decided deep definitely delete deliver delivery depend depends describe design designed designs detail details
did die difference different difficult dinner direct directly dirty discount discuss dislike do doctor does dog doing done door
doubt down draw drawing drawn drink drive drop during each ear earlier early earn easily east easy eat edge edit effort eight
either else email empty end ended energy enjoy enough ensure enter entire entirely equal especially even evening event ever every everybody
everyone everything everywhere exact exactly example excellent except exchange excited exciting exclude excuse exist expect expensive
experience explain express extra extremely eye eyes face fact fail fair fairly fall false family famous fan fancy fantastic far fast
father fault favor favorite favour favourite fear feature feel feeling feels feet fell felt few field figure fill filter final finally
find fine finish finished fire first fit five fix flat floor fly folks follow following food foot for forever forget forgot form former
forward found four free fresh friday friend friends from front full fully fun funny further future game garden gave general generally
generate get gets getting gift gifts girl girlfriend give given gives giving glad go goal goes going gone good got gotten grab grad grand
grandfather grandma grandmother grandpa great green greet greetings ground group grow guess guest guests guy guys had hair half hand
handle hands hang happen happened happens happy hard hardly has hat hate hated have having he head health hear heard heart heat heavy hello
help helped helpful helping hence her here hers herself hey hi high higher highest highly hike him himself his history hit hold holiday
home honest honestly hope hot hour hours house how however huge human hundred hungry hurry hurt husband i ice idea ideal ideally ideas if
ignore image imagine important in include included including indeed indoor info information inside instead interest interested
interesting into is issue it item items its itself jealous job join joke july june just keen keep keeping kept key kid kidding kids kill kind
kinda kindly kinds knew know known knows lack lady large last late lately later laugh law lead leaf learn learned least leave leaving left
leg legs lend less let level life light like liked likely likes limit limited line link list listed listen little live lived living lol
long longer look looked looking looks lose lost lot lots loud love loved lovely lover low lower luck lucky lunch mad made magic main mainly
make makes making man manage manager many march mark married matter matters may maybe me mean means meant meet meeting men mention
mentioned merely message met middle might mile million mind mine minimum minute miss missed missing mistake mix mixed model modern mom
moment monday money month months mood moon more morning most mostly mother mouth move movie moving much mum music must my myself name named
narrow natural nature near nearby nearly neat necessary neck need needed needs neighbour neither nephew never new news next nice nicely niece night
nine no nobody none nor normal normally north not note nothing notice now nowhere number numbers obvious obviously occasion odd of off
offer offers office often oh ok okay old older on once one ones online only open opinion option options or order ordered
ordinary original other others otherwise our ours ourselves out outdoor outfit outfits outside over overall own page paid pain paint pair
pairs paper parent parents park part particular particularly parties partner parts party pass past pay paying people per perfect perfectly
perhaps period person personal phone photo photos pick picked picking picture pictures piece pieces place plain plan planned planning
plans play please pleased plenty plus point poor popular possible possibly power prefer preference preferences preferred prepare present
pretty prevent previous previously price priced prices probably problem problems produce product products promise proper protect prove
public pull purchase purpose push put quality question questions quick quickly quiet quite quote race rain raise ran random range rare rate
rated rather reach read ready real really reason reasonable receive recent recently recommend recommendation recommendations refer refund regarding
regular relax rely remember remind remove repeat replace reply request requirements rest result results return review reviews rich ride
right ring rise road roll room rough round row rule run running sad safe said sale same saturday save saw say saying says school scratch
screen search season seat second seconds section see seeing seem seems seen select self sell send sense sent separate serious set seven several
shall shape share she ship shipping shop shopped shopping shops short should show showed showing shown shows sick side sight similar simple
simply since single sister sit six size sizes skin sky sleep slight slightly slow small smart smell smile snow so social soft sold some somebody
someone something sometimes somewhat somewhere son soon sorry sort sorts sound sounds source south space speak special specific spend
spent sport spot spring stand standard star stars start started starting state stay step stick still stock stop store stores story
straight strange street strong stuck student study stuff stupid style styles such suggest suggested suggestion suggestions suitable summer sun sunday super support suppose sure surprise sweet system table take taken takes taking talk talking tall taste teacher team
teenager tell ten test text than thank thanks that the their theirs them themselves then there therefore these they thick thin thing things
think thinking third this those though thought thousand three through throw thursday thus ticket tie tight till time times tiny tired to
today together told tomorrow tonight too took top total totally touch toward town travel treat tree tried trip trouble true trust try trying
tuesday turn turned twenty twice two type types typical ugly uncle under understand unfortunately unique unit unless unlike until up upon upset
us use used useful user uses using usual usually value various very via view visit wait waiting wake walk walking wall want wanted wants warm
warmer was wash washable washed wasn watch water way ways we wear wearing weather website wedding week weekend weeks weight weird welcome well went were
west wet what whatever when whenever where whether which while who whole whom whose why wide wife wild will win wind window winter wish
with within without woman women wonder wonderful word words work worked working works world worn worried worry worse worst worth would wow
write wrong yeah year years yellow yep yes yesterday yet you young younger your yours yourself zero
bank base bath bean bell bill bird birth blow blues bones boom boss bother bound bowl brain brand brave bread bride brief broad brows bunch
cake camp care cast chair chat cheese cheer chest chick chief chill choir claim class clever cloud club coach coast comfy compact complex
cope core corner cosy cozy crack cream creek crew crop cross crowd curve cycle daft damn deck deer desk diet dish dive drag drama dream
dries drove drug dull dust duty dying eager eaten elegant email engine equip error estate essay ethic events exam exit extra faith fame
fancier fare farm feast feed fence fewer file film firm fish flag flight float flow focus folk fond forth frame fruit gain gap gate gear
gently ghost glass global goat gold golden grass grave grey grill guard guide habit hall happier harm harsh haste heavier height hell hero
hide hill hint hire hobby hole honey honor hook host hotel hunt ideal inch ink jail jet joint juice jump junk keep kick king kiss kitchen knee
knife knock label lake lamp land lane laptop latest launch layer lazy lean least lemon letter lick lift lip liver load loan local lock
loft logo lonely loop lord luxe mail major mall male map mass mate math meal meat media medical memory menu mess metal method mild milk mini
minor mirror mode moral motion mount muddy nail navy nerve nest nobel noble noise none nose novel nurse oak object ocean oil orange oven
owner pack pale palm panel panic pants path patience peace peak pen pet piano pile pilot pink pipe pizza plane plant plate plot plug poem
poet pole polish polite pool pop port pose post pot pound pour press pride print prize proof proud queen quit radio rail rank rapid ratio raw
recipe red relief rent rescue review rib rid risk river rock role roof root rope royal rub rude rush sail salad salt sand scale scene
score scout seal seed sharp sheep sheet shelf shell shift shine shiny shock shoe shoes shoot shore shot shout shower shut shy silly silver
sing sink site skill skip slide slip smooth soap solid solo song soul soup spare spark speech speed spell spice spirit split spoke spoon
spread square stable staff stage stair stamp steel steep stiff stir stone storm stove strip stripe sugar suite sunny swim swing sword tail tale
tank tape task tax tea tear teach teeth term thread threat thrill throat tide tidy tip title toe tone tongue tool tooth tour toy track trade
train trap trash trial trick truck trunk truth tube tune twin uncle union upper urban vast verb video village virus vital vivid voice vote
wage waist weak weapon wheel white whose widen wing winner wise wolf wood wooden worn wound wrap yard youth zone
scent hiya howdy cheerio gosh hmm hm um uh erm huh haha hahaha lol omg btw asap fyi
ball bond boat bold bore bald beg bug bugs bar ban bake bare barn crow tints frown drown crown brown blown black slack snack
bleach peach breach preach beach whether gather rather lather feather pool tool mutton button
trim trims lace race mace lights fights rights nights sights mops hops pops stops goat moat roots hoots loots toots booth
altogether anywhere somehow somewhat thereabouts nowadays overall besides regardless lately anyways whatsoever obvs innit
tooth reel peel means leans felt melt pelt clove lover rock rocks lock locks dock docks
""".split()
)
